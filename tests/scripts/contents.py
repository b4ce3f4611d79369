"""What the sample databases hold and what their views and procedures return, on SQL Server.

COUNTS: rows of each table. QUERIES: (name, query, rows); a row's values are compared as text, with
decimals without trailing zeros. A query's rows are the whole answer.
"""

COUNTS = {
    "Northwind": {
        "Categories": 8, "Customers": 91, "CustomerCustomerDemo": 0, "CustomerDemographics": 0,
        "Employees": 9, "EmployeeTerritories": 49, "Order Details": 2155, "Orders": 830,
        "Products": 77, "Region": 4, "Shippers": 3, "Suppliers": 29, "Territories": 53},
    "pubs": {
        "authors": 23, "discounts": 3, "employee": 43, "jobs": 14, "pub_info": 8, "publishers": 8,
        "roysched": 86, "sales": 21, "stores": 6, "titleauthor": 25, "titles": 18},
    "Chinook": {
        "Album": 347, "Artist": 275, "Customer": 59, "Employee": 8, "Genre": 25, "Invoice": 412,
        "InvoiceLine": 2240, "MediaType": 5, "Playlist": 18, "PlaylistTrack": 8715, "Track": 3503},
}

QUERIES = {
    "Northwind": [
        ("view Customer and Suppliers by City",
         'SELECT Relationship, COUNT(*) FROM "Customer and Suppliers by City" GROUP BY Relationship '
         "ORDER BY Relationship", [("Customers", 91), ("Suppliers", 29)]),
        ("view Alphabetical list of products",
         'SELECT COUNT(*), MIN(ProductName) FROM "Alphabetical list of products"',
         [(69, "Aniseed Syrup")]),
        ("view Current Product List", 'SELECT COUNT(*) FROM "Current Product List"', [(69,)]),
        ("view Orders Qry",
         'SELECT COUNT(*), MIN(OrderID), MAX(OrderID) FROM "Orders Qry"', [(830, 10248, 11077)]),
        ("view Products Above Average Price",
         'SELECT COUNT(*), MAX(UnitPrice) FROM "Products Above Average Price"', [(25, "263.5")]),
        ("view Products by Category", 'SELECT COUNT(*) FROM "Products by Category"', [(69,)]),
        ("view Quarterly Orders", 'SELECT COUNT(*) FROM "Quarterly Orders"', [(86,)]),
        ("view Invoices",
         "SELECT COUNT(*), SUM(ExtendedPrice) FROM Invoices", [(2155, "1265793.05")]),
        ("view Order Details Extended",
         'SELECT ProductName, ExtendedPrice FROM "Order Details Extended" WHERE OrderID = 10250 '
         "ORDER BY ProductName",
         [("Jack's New England Clam Chowder", "77"), ("Louisiana Fiery Hot Pepper Sauce", "214.2"),
          ("Manjimup Dried Apples", "1261.4")]),
        ("view Order Subtotals",
         'SELECT OrderID, Subtotal FROM "Order Subtotals" WHERE OrderID IN (10248, 10250, 10351) '
         "ORDER BY OrderID", [(10248, "440"), (10250, "1552.6"), (10351, "5398.72")]),
        ("view Product Sales for 1997",
         'SELECT COUNT(*), SUM(ProductSales) FROM "Product Sales for 1997"', [(77, "608846.87")]),
        ("view Category Sales for 1997",
         'SELECT CategoryName, CategorySales FROM "Category Sales for 1997" ORDER BY CategoryName',
         [("Beverages", "102074.31"), ("Condiments", "55277.6"), ("Confections", "80894.14"),
          ("Dairy Products", "114749.78"), ("Grains/Cereals", "55948.82"),
          ("Meat/Poultry", "81338.06"), ("Produce", "53019.98"), ("Seafood", "65544.18")]),
        ("view Sales by Category",
         'SELECT COUNT(*), SUM(ProductSales) FROM "Sales by Category"', [(77, "617085.2")]),
        ("view Sales Totals by Amount",
         'SELECT COUNT(*), SUM(SaleAmount) FROM "Sales Totals by Amount"', [(66, "291026.66")]),
        ("view Summary of Sales by Quarter",
         'SELECT COUNT(*), SUM(Subtotal) FROM "Summary of Sales by Quarter"',
         [(809, "1239855.62")]),
        ("view Summary of Sales by Year",
         'SELECT COUNT(*), SUM(Subtotal) FROM "Summary of Sales by Year"', [(809, "1239855.62")]),
        ("procedure Ten Most Expensive Products", 'EXEC "Ten Most Expensive Products"',
         [("Côte de Blaye", "263.5"), ("Thüringer Rostbratwurst", "123.79"),
          ("Mishi Kobe Niku", "97"), ("Sir Rodney's Marmalade", "81"), ("Carnarvon Tigers", "62.5"),
          ("Raclette Courdavault", "55"), ("Manjimup Dried Apples", "53"),
          ("Tarte au sucre", "49.3"), ("Ipoh Coffee", "46"), ("Rössle Sauerkraut", "45.6")]),
        ("procedure Employee Sales by Country",
         "CREATE TABLE #s (Country nvarchar(15), LastName nvarchar(20), FirstName nvarchar(10), "
         "ShippedDate datetime, OrderID int, SaleAmount money) INSERT INTO #s "
         "EXEC \"Employee Sales by Country\" '19970101', '19970131' "
         "SELECT COUNT(*), SUM(SaleAmount), SUM(CASE Country WHEN 'UK' THEN 1 ELSE 0 END) FROM #s",
         [(33, "64746.46", 5)]),
        ("procedure Sales by Year",
         "CREATE TABLE #y (ShippedDate datetime, OrderID int, Subtotal money, Year_ nvarchar(30)) "
         "INSERT INTO #y EXEC \"Sales by Year\" '1996-01-01T00:00:00', '1996-12-31T00:00:00' "
         "SELECT COUNT(*), SUM(Subtotal), MIN(Year_), MAX(Year_) FROM #y",
         [(143, "193316.57", "1996", "1996")]),
        ("procedure CustOrdersDetail",
         "CREATE TABLE #d (ProductName nvarchar(40), UnitPrice money, Quantity smallint, "
         "Discount int, ExtendedPrice money) INSERT INTO #d EXEC CustOrdersDetail 10250 "
         "SELECT * FROM #d ORDER BY ProductName",
         [("Jack's New England Clam Chowder", "7.7", 10, 0, "77"),
          ("Louisiana Fiery Hot Pepper Sauce", "16.8", 15, 15, "214.2"),
          ("Manjimup Dried Apples", "42.4", 35, 15, "1261.4")]),
        ("procedure CustOrdersOrders", "EXEC CustOrdersOrders N'ALFKI'",
         [(10643, "1997-08-25 00:00:00.000", "1997-09-22 00:00:00.000", "1997-09-02 00:00:00.000"),
          (10692, "1997-10-03 00:00:00.000", "1997-10-31 00:00:00.000", "1997-10-13 00:00:00.000"),
          (10702, "1997-10-13 00:00:00.000", "1997-11-24 00:00:00.000", "1997-10-21 00:00:00.000"),
          (10835, "1998-01-15 00:00:00.000", "1998-02-12 00:00:00.000", "1998-01-21 00:00:00.000"),
          (10952, "1998-03-16 00:00:00.000", "1998-04-27 00:00:00.000", "1998-03-24 00:00:00.000"),
          (11011, "1998-04-09 00:00:00.000", "1998-05-07 00:00:00.000", "1998-04-13 00:00:00.000")]),
        ("procedure CustOrderHist",
         "CREATE TABLE #h (ProductName nvarchar(40), Total int) INSERT INTO #h "
         "EXEC CustOrderHist N'ALFKI' SELECT COUNT(*), SUM(Total), MAX(Total) FROM #h",
         [(11, 174, 40)]),
        ("procedure SalesByCategory", "EXEC SalesByCategory N'Seafood', N'1997'",
         [("Boston Crab Meat", "9815"), ("Carnarvon Tigers", "15950"),
          ("Escargots de Bourgogne", "2076"), ("Gravad lax", "629"), ("Ikura", "9936"),
          ("Inlagd Sill", "6894"), ("Jack's New England Clam Chowder", "4957"), ("Konbu", "813"),
          ("Nord-Ost Matjeshering", "6034"), ("Röd Kaviar", "3518"), ("Rogede sild", "3356"),
          ("Spegesild", "2981")]),
    ],
    "pubs": [
        ("view titleview",
         "SELECT COUNT(*), MIN(au_lname), MAX(price), SUM(ytd_sales) FROM titleview WHERE "
         "pub_id = '1389'", [(9, "Bennet", "22.95", 37007)]),
        ("procedure byroyalty",
         "CREATE TABLE #r (au_id varchar(11)) INSERT INTO #r EXEC byroyalty 40 "
         "SELECT au_id FROM #r ORDER BY au_id",
         [("213-46-8915",), ("267-41-2394",), ("672-71-3249",)]),
        ("procedure reptq1", "EXEC reptq1",
         [("0736", "9.784"), ("0877", "15.41"), ("1389", "18.976"), ("ALL", "14.7662")]),
        ("procedure reptq2",
         "CREATE TABLE #q (type varchar(12), pub_id varchar(4), sales int) INSERT INTO #q "
         "EXEC reptq2 SELECT RTRIM(type), pub_id, sales FROM #q ORDER BY pub_id, type",
         [("ALL", "0736", 5657), ("business", "0736", 18722), ("psychology", "0736", 2391),
          ("ALL", "0877", 7369), ("mod_cook", "0877", 12139), ("psychology", "0877", 375),
          ("trad_cook", "0877", 6522), ("UNDECIDED", "0877", None), ("ALL", "1389", 4988),
          ("business", "1389", 4022), ("popular_comp", "1389", 6437), ("ALL", "ALL", 6090)]),
        ("procedure reptq3",
         "CREATE TABLE #c (pub_id varchar(4), type varchar(12), n int) INSERT INTO #c "
         "EXEC reptq3 2, 30, 'business' SELECT pub_id, RTRIM(type), n FROM #c ORDER BY pub_id, type",
         [("0736", "ALL", 1), ("0736", "business", 1), ("0877", "ALL", 5), ("0877", "mod_cook", 2),
          ("0877", "trad_cook", 3), ("1389", "ALL", 3), ("1389", "business", 3),
          ("ALL", "ALL", 9)]),
    ],
    "Chinook": [
        ("sum of all invoices", "SELECT SUM(Total), COUNT(DISTINCT CustomerId) FROM Invoice",
         [("2328.6", 59)]),
        ("lines agree with their invoices",
         "SELECT COUNT(*) FROM Invoice i WHERE i.Total <> (SELECT SUM(l.UnitPrice * l.Quantity) "
         "FROM InvoiceLine l WHERE l.InvoiceId = i.InvoiceId)", [(0,)]),
    ],
}
